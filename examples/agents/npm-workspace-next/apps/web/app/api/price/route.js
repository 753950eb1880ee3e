import { priceOf } from '@shop/prices'

export async function POST(request) {
  const { product } = await request.json()
  const price = priceOf(product)
  return price === undefined ? Response.json({ error: `no ${product} here` }, { status: 404 }) : Response.json({ product, price })
}
