import { priceOf, products } from '@shop/prices'

export default function Page() {
  return (
    <main>
      <h1>Prices</h1>
      <ul>
        {products.map((name) => (
          <li key={name}>{`${name}: ${priceOf(name)}`}</li>
        ))}
      </ul>
    </main>
  )
}
