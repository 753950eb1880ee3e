const prices = new Map([
  ['tea', '4.20'],
  ['cake', '3.80'],
])

export const products = [...prices.keys()]

export function priceOf(product) {
  return prices.get(product)
}
