export function loader() {
  return { greeting: 'Welcome, whoever you are' }
}

export default function Home({ loaderData }) {
  return <h1>{loaderData.greeting}</h1>
}
