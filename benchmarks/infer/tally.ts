/** One more of a name. */
export function count(map: Map<string, number>, name: string): void {
  map.set(name, (map.get(name) ?? 0) + 1)
}

/** The most frequent names with how often. */
export function told(map: ReadonlyMap<string, number>): string {
  return [...map]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 60)
    .map(([name, times]) => `${name} ${times}`)
    .join(', ')
}
