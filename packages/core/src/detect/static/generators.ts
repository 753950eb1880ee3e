import { BuildError } from '../../failure/error.ts'
import type { Tree } from '../tree.ts'

/** A generator of sites, by its own files. None is planned: no pinned tool of theirs comes from a registry that we install from. */
interface Generator {
  readonly name: string
  /** the file that says so */
  readonly file: (tree: Tree) => string | undefined
  readonly output: string
  readonly command: string
}

const generators: readonly Generator[] = [
  { name: 'MkDocs', file: (tree) => ['mkdocs.yml', 'mkdocs.yaml'].find((path) => tree.has(path)), output: 'site', command: 'mkdocs build' },
  { name: 'Hugo', file: hugo, output: 'public', command: 'hugo' },
  { name: 'Zola', file: (tree) => configWith(tree, 'config.toml', /^[ \t]*base_url[ \t]*=/m), output: 'public', command: 'zola build' },
  { name: 'Jekyll', file: jekyll, output: '_site', command: 'jekyll build' },
]

/** Says which generator a source is for. Throws `unsupported_project` with the way around it. */
export function refuseGenerator(tree: Tree): void {
  for (const { name, file, output, command } of generators) {
    const found = file(tree)
    if (found === undefined) continue
    throw new BuildError('unsupported_project', `${found}: this is a site of ${name}, which Kiln does not plan yet`, {
      hint: `Build it before (\`${command}\` writes ${output}), and give Kiln a Staticfile with "root: ${output}"; or bring a Dockerfile.`,
      data: { file: found },
    })
  }
}

function hugo(tree: Tree): string | undefined {
  const own = ['hugo.toml', 'hugo.yaml', 'hugo.yml', 'hugo.json', 'config/_default/hugo.toml'].find((path) => tree.has(path))
  if (own !== undefined) return own
  const content = tree.files.some((path) => /^(?:content|archetypes|layouts)\//.test(path))
  return content
    ? (configWith(tree, 'config.toml', /^[ \t]*baseURL[ \t]*=/im) ?? configWith(tree, 'config.yaml', /^[ \t]*baseURL[ \t]*:/im))
    : undefined
}

function jekyll(tree: Tree): string | undefined {
  const used = tree.has('Gemfile') || tree.files.some((path) => /^_(?:posts|layouts|includes)\//.test(path))
  return used ? ['_config.yml', '_config.yaml'].find((path) => tree.has(path)) : undefined
}

function configWith(tree: Tree, file: string, key: RegExp): string | undefined {
  return key.test((tree.text(file) ?? '').slice(0, 100_000)) ? file : undefined
}
