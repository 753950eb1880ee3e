const teams = [
  { team: 'billing', words: ['invoice', 'refund', 'charge', 'payment'] },
  { team: 'access', words: ['password', 'login', 'locked', 'token'] },
  { team: 'delivery', words: ['parcel', 'shipping', 'late', 'address'] },
]

/** The team whose words the ticket uses most; `people` when none fits. */
export async function route(text) {
  const words = new Set(text.toLowerCase().match(/[a-z]+/g) ?? [])
  const ranked = teams.map(({ team, words: known }) => ({ team, hits: known.filter((word) => words.has(word)).length }))
  const best = ranked.sort((a, b) => b.hits - a.hits)[0]
  return best.hits > 0 ? best.team : 'people'
}
