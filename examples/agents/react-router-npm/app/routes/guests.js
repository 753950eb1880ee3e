const guests = ['Ada']

export function loader() {
  return Response.json({ guests })
}

export async function action({ request }) {
  guests.push(String((await request.json()).name))
  return Response.json({ guests })
}
