export default function Page() {
  return <h1>A quote a day</h1>
}
