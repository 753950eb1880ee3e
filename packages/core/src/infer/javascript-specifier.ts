import { nodeBuiltins } from './tables/node-builtins.ts'

/** What a specifier asks for, when it is nothing of the source. */
export type Asked =
  | {
      readonly kind: 'package'
      readonly name: string
      /** a range of npm, `*` for any */ readonly version: string
      /** what follows the name */ readonly rest: string
    }
  /** brought by a runtime or framework; `by`: the package that brings it, where one does */
  | { readonly kind: 'provided'; readonly by?: string }
  | { readonly kind: 'jsr'; readonly name: string }

/** The package a specifier names; undefined for what is no package at all, such as `@/x`. */
export function readSpecifier(module: string): Asked | undefined {
  const url =
    /^https:\/\/(?:esm\.sh|esm\.run|cdn\.skypack\.dev|unpkg\.com|cdn\.jsdelivr\.net\/npm|ga\.jspm\.io\/npm:)\/?(?:v\d+\/)?(?!gh\/)(.*)$/.exec(
      module,
    )
  if (url) return packageOf(url[1]!.replace(/[?#].*$/, ''))
  if (module.startsWith('npm:')) return packageOf(module.slice(4).replace(/^\//, ''))
  const jsr = /^jsr:\/?(@[a-z0-9-]{2,40}\/[a-z0-9-]{1,60})/.exec(module)
  if (jsr) return { kind: 'jsr', name: jsr[1]! }
  // ?query and !loader are a bundler's
  const bare = module.replace(/[?!].*$/s, '')
  const provided = providers.find(([pattern]) => pattern.test(bare))
  if (provided) return { kind: 'provided', ...(provided[1] === '' ? {} : { by: provided[1] }) }
  return nodeBuiltins.has(bare) ? { kind: 'provided' } : packageOf(bare)
}

/** A name that npm allows today; aliases such as `@/x`, `~/x` and `$lib` are none. */
export function isName(name: string): boolean {
  return name.length <= 214 && /^(?:@[a-z0-9-][a-z0-9._-]*\/)?[a-z0-9-][a-z0-9._-]*$/.test(name)
}

// Names a framework's own build knows, and schemes of runtimes. First hit wins.
const providers: readonly (readonly [RegExp, string])[] = [
  [/^\$(?:app|env|service-worker)(?:\/|$)/, '@sveltejs/kit'],
  [/^\$/, ''],
  [/^astro:/, 'astro'],
  [/^#(?:imports|app|components|build|nuxt)(?:\/|$)/, 'nuxt'],
  [/^@(?:site|theme|theme-original|theme-init|generated)\//, '@docusaurus/core'],
  [
    /^@docusaurus\/(?:Link|Head|Translate|BrowserOnly|Interpolate|ComponentCreator|constants|ExecutionEnvironment|isInternalUrl|router|use\w+|renderRoutes)$/,
    '@docusaurus/core',
  ],
  [/^bun$/, ''],
  [/^(?:~|~~|@|@@)\//, ''],
  [/^(?:vscode|k6(?:\/.*)?|obsidian|aws-lambda|__STATIC_CONTENT_MANIFEST)$/, ''],
  [/^[a-z][a-z0-9+.-]*:/i, ''],
]

function packageOf(text: string): Asked | undefined {
  const found = /^((?:@[^/@]+\/)?[^/@]+)(?:@([^/]*))?(.*)$/s.exec(text)
  if (!found || !isName(found[1]!)) return undefined
  return { kind: 'package', name: found[1]!, version: versionOf(found[2] ?? ''), rest: found[3]! }
}

/** A version of a stranger goes into a manifest: it may be a number with its sign, and nothing else. */
function versionOf(text: string): string {
  return /^(?:[~^=]|[<>]=?)?v?\d{1,9}(?:\.(?:\d{1,9}|[x*])){0,2}(?:-[\w.-]{1,40})?$/.test(text) ? text : '*'
}
