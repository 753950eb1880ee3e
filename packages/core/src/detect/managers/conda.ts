import { BuildError, shown } from '../../failure/error.ts'
import { knownPypi } from '../../infer/known.ts'
import type { DeclaredDependency } from '../detection.ts'
import type { Install } from '../install.ts'
import { condaSpec, readEnvironment, type CondaEnvironment, type EnvironmentItem } from '../python/environment-yml.ts'
import { declared } from '../python/project-dependencies.ts'
import { normalName, parseRequirement } from '../python/requirement.ts'
import type { Tree } from '../tree.ts'
import { freePath } from './pip.ts'

/**
 * A conda environment by pip, from PyPI: its Python packages under the names they have there, its tools as packages of the
 * distribution. Throws `unsupported_project` for what neither has.
 */
export function conda(tree: Tree): Install {
  const environment = readEnvironment(tree)!
  const { file } = environment
  const items = environment.conda.map((item) => condaPackage(file, item))
  const dependencies = [...items.flatMap((one) => one.dependency ?? []), ...environment.pip.flatMap((item) => fromPip(file, item))]
  const path = freePath(tree)
  const lines = [...items.flatMap((one) => (one.dependency ? [lineOf(one.dependency)] : [])), ...environment.pip.map(({ text }) => text)]
  const local = environment.pip.find(({ text }) => isLocal(text))
  return {
    manager: 'conda',
    installer: 'pip',
    evidence: {
      rule: 'python.manager.conda',
      file,
      line: environment.conda[0]?.line ?? 1,
      says: `${file} lists the packages, which PyPI has too`,
    },
    manifests: [path, ...included(environment)],
    generated: [{ path, text: lines.map((line) => `${line}\n`).join('') }],
    dependencies,
    ...(local ? { wholeSource: { rule: 'python.manager.local-source', file, line: local.line, says: shown(local.text) } } : {}),
    git: lines.some((line) => line.includes('git+')),
    system: [...new Set(items.flatMap((one) => one.system ?? []))],
    notices: [
      {
        code: 'conda_by_pip',
        message: `${file} is installed by pip from PyPI, not by conda: versions may differ from those of conda's channels.`,
        file,
      },
    ],
  }
}

function isLocal(text: string): boolean {
  return /^(?:-e\s+)?\.{0,2}\//.test(text) || /^(?:-e\s+)?\.(?:\[|$)/.test(text)
}

/** `- -r requirements.txt` below pip */
function included({ pip }: CondaEnvironment): readonly string[] {
  return pip.flatMap(({ text }) => /^-r\s+([\w./-]+)$/.exec(text)?.[1]?.replace(/^\.\//, '') ?? [])
}

function lineOf({ name, specifier }: DeclaredDependency): string {
  return `${name}${specifier}`
}

/** What a package of conda is here: one of PyPI, packages of the distribution, or nothing that the image lacks. */
interface Meaning {
  readonly dependency?: DeclaredDependency
  readonly system?: readonly string[]
}

/** Throws `unsupported_project` for what neither PyPI nor the distribution has, as far as Kiln knows. */
export function condaPackage(file: string, { text, line }: EnvironmentItem): Meaning {
  const spec = condaSpec(text)
  const { name, specifier } = spec ?? { name: '', specifier: '' }
  if (spec && isOfPython(name)) return {}
  const system = Object.hasOwn(tools, name) ? tools[name] : undefined
  if (system) return { system }
  const pypi = knownName(name)
  if (!spec || pypi === undefined)
    throw new BuildError('unsupported_project', `${file}:${line}: ${shown(text)} is a package of conda that Kiln does not know on PyPI`, {
      hint: 'List the packages in a requirements.txt, name the Debian packages in "systemPackages" of kiln.json, or add a Dockerfile.',
      data: { file, line },
    })
  const evidence = { rule: 'python.dependency.conda', file, line, says: shown(text, 200) }
  return { dependency: { origin: 'declared', ecosystem: 'pypi', name: pypi, specifier, group: 'default', evidence } }
}

/** What the base image has, or pip needs not. */
export function isOfPython(name: string): boolean {
  return ofPython.has(name) || name.startsWith('_') || /^lib(?:gcc|stdcxx|gomp)/.test(name)
}

/** The name that a package of conda has on PyPI, where a table knows it, or both have the same. */
export function knownName(name: string): string | undefined {
  const pypi = renamedName(name) ?? normalName(name)
  return knownPypi().has(pypi) ? pypi : undefined
}

/** Of those alone that have another name there. */
export function renamedName(name: string): string | undefined {
  return Object.hasOwn(renamed, name) ? renamed[name] : undefined
}

function fromPip(file: string, { text, line }: EnvironmentItem): DeclaredDependency[] {
  const requirement = text.startsWith('-') || isLocal(text) ? undefined : parseRequirement(text)
  return requirement ? [declared(requirement, 'default', { rule: 'python.dependency.conda', file, line, says: shown(text, 200) })] : []
}

const ofPython = new Set(
  'python pip setuptools wheel python_abi ca-certificates certifi-win openssl ncurses readline sqlite tk xz zlib bzip2 libffi ld_impl_linux-64 tzdata expat libexpat libuuid libsqlite libzlib libnsl libxcrypt nomkl conda mamba ipykernel-env'.split(
    ' ',
  ),
)

/** Programs and libraries that Debian has. */
const tools: Readonly<Record<string, readonly string[]>> = {
  ffmpeg: ['ffmpeg'],
  git: ['git'],
  graphviz: ['graphviz'],
  pandoc: ['pandoc'],
  poppler: ['poppler-utils'],
  tesseract: ['tesseract-ocr'],
  curl: ['curl'],
  make: ['make'],
}

/** Packages that have another name on PyPI. */
const renamed: Readonly<Record<string, string>> = {
  pytorch: 'torch',
  'pytorch-cpu': 'torch',
  'pytorch-gpu': 'torch',
  'pytorch-lightning': 'pytorch-lightning',
  opencv: 'opencv-python-headless',
  'py-opencv': 'opencv-python-headless',
  'matplotlib-base': 'matplotlib',
  'msgpack-python': 'msgpack',
  'python-kaleido': 'kaleido',
  ruamel_yaml: 'ruamel-yaml',
  'faiss-cpu': 'faiss-cpu',
  'tensorflow-base': 'tensorflow',
  'dask-core': 'dask',
  pyqt: 'pyqt5',
  'python-graphviz': 'graphviz',
  jupyter_core: 'jupyter-core',
  'ibm-watsonx': 'ibm-watsonx-ai',
  'seaborn-base': 'seaborn',
  sqlalchemy: 'sqlalchemy',
}
