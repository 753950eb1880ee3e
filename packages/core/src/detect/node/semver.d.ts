// semver has no types of its own; these are the three functions that are used, by their files: the whole package loads 40.
declare module 'semver/functions/satisfies.js' {
  export default function satisfies(version: string, range: string): boolean
}
declare module 'semver/ranges/intersects.js' {
  export default function intersects(a: string, b: string): boolean
}
declare module 'semver/ranges/valid.js' {
  export default function validRange(range: string): string | null
}
