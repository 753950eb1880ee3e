import { Database } from 'bun:sqlite'

const database = new Database('notes.sqlite', { create: true })
database.run('CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)')

export function add(text: string): { id: number; text: string } {
  const { lastInsertRowid } = database.query('INSERT INTO notes (text) VALUES (?)').run(text)
  return { id: Number(lastInsertRowid), text }
}

export function find(word: string): unknown[] {
  return database.query('SELECT id, text FROM notes WHERE text LIKE ? ORDER BY id').all(`%${word}%`)
}
