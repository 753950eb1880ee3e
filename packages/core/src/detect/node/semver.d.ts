// The package brings no types; these are the functions used here.
declare module 'semver' {
  const semver: {
    satisfies(version: string, range: string): boolean
    intersects(range: string, other: string): boolean
    validRange(range: string): string | null
    valid(version: string): string | null
    minVersion(range: string): { readonly version: string } | null
  }
  export default semver
}
