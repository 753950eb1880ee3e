export type City = 'bergen' | 'tunis'

const known: Record<City, { sky: string; degrees: number }> = {
  bergen: { sky: 'rain', degrees: 7 },
  tunis: { sky: 'sun', degrees: 28 },
}

export function forecast(city: City): { sky: string; degrees: number } | undefined {
  return Object.hasOwn(known, city) ? known[city] : undefined
}
