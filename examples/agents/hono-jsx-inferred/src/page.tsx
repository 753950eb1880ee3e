import type { Note } from '@/notes'

export function Page({ title, notes }: { readonly title: string; readonly notes: readonly Note[] }) {
  return (
    <html lang="en">
      <body>
        <h1>{title}</h1>
        <ul>
          {notes.map((note) => (
            <li>{note.text}</li>
          ))}
        </ul>
      </body>
    </html>
  )
}
