const quotes = { kiln: 'Clay goes in, an image comes out.', rain: 'Take an umbrella.' }

export function GET(request) {
  const about = new URL(request.url).searchParams.get('about') ?? 'kiln'
  const quote = quotes[about]
  return quote === undefined ? Response.json({ error: `nothing about ${about}` }, { status: 404 }) : Response.json({ about, quote })
}
