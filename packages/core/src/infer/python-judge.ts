import type { Grade } from '../detect/detection.ts'
import { shown } from '../failure/error.ts'
import { directoryOf } from './files.ts'
import type { Wanted } from './gather.ts'
import type { PythonImport } from './python-lexer.ts'
import type { LocalModules } from './python-local.ts'
import { companionsOf, resolvePython, type Resolution } from './python-packages.ts'
import type { Standing } from './python-stdlib.ts'

/** What one part of an import is: of the source or the standard library, a package, or not known. */
export type Part =
  | { readonly kind: 'here' }
  | { readonly kind: 'package'; readonly module: string; readonly wanted: Wanted }
  | { readonly kind: 'unknown'; readonly module: string; readonly says: string; readonly near: boolean }

/** An import, and what each of its parts is. */
export interface Verdict {
  readonly import: PythonImport
  readonly parts: readonly Part[]
}

/** What the other files of the program say that decides between packages of one module. */
export interface Context {
  /** the first parts of all absolute imports */
  readonly tops: ReadonlySet<string>
  /** the ids of all uses */
  readonly uses: ReadonlySet<string>
}

/** Modules of the source first, then the standard library, then the lists. */
export function judging(
  local: LocalModules,
  library: (top: string) => Standing | undefined,
  context: Context,
): (import_: PythonImport) => Verdict {
  const known = new Map<string, readonly Part[]>()
  return (import_) => {
    const { module, names, level, file } = import_
    if (level > 0) return { import: import_, parts: here }
    const key = `${directoryOf(file)}\n${module}\n${names.join(' ')}`
    const parts = known.get(key) ?? partsOf(import_, local, library, context)
    known.set(key, parts)
    return { import: import_, parts }
  }
}

const here: readonly Part[] = [{ kind: 'here' }]

function partsOf(
  { module, names, file }: PythonImport,
  local: LocalModules,
  library: (top: string) => Standing | undefined,
  context: Context,
): readonly Part[] {
  const found = local.find(module, names, file)
  if (found?.kind === 'module') return here
  const standing = library(module.split('.', 1)[0]!)
  if (standing !== undefined) return [fromLibrary(module, standing)]
  const members = [...new Set(names)].filter((name) => name !== '*').slice(0, maxMembers)
  const parts = members.length === 0 ? fromIndex(context, module) : distinct(members.flatMap((name) => fromIndex(context, module, name)))
  // A directory of this name without the submodule: its own only when no package is known.
  return found !== undefined && parts.every((part) => part.kind === 'unknown') ? here : parts
}

/** More names from one module are generated code, and the first ones tell as much. */
const maxMembers = 200

function fromLibrary(module: string, standing: Standing): Part {
  if (standing.kind === 'present') return { kind: 'here' }
  if (standing.kind === 'python2') return { kind: 'unknown', module, says: `${shown(module)} is a module of Python 2`, near: false }
  if (standing.package === undefined)
    return { kind: 'unknown', module, says: `${shown(module)} left the standard library in Python ${standing.since}`, near: false }
  const says = `imports ${shown(module)}, which left the standard library in Python ${standing.since}`
  return {
    kind: 'package',
    module,
    wanted: { name: standing.package, extras: [], specifier: '', grade: 'A', rule: 'python.import.removed', says },
  }
}

function fromIndex(context: Context, module: string, member?: string): readonly Part[] {
  const dotted = member === undefined ? module : `${module}.${member}`
  const special = noPackage.find(([pattern]) => pattern.test(dotted))
  if (special !== undefined) return [{ kind: 'unknown', module, says: `${shown(module)} ${special[1]}`, near: false }, ...generated(module)]
  const found = chosen(resolvePython(dotted), dotted, context)
  if (found === undefined) {
    const isNamespace = member !== undefined && namespaces.test(module)
    return [{ kind: 'unknown', module: isNamespace ? dotted : module, says: `no known package provides ${shown(dotted)}`, near: true }]
  }
  if (otherSystems.test(found.name))
    return [{ kind: 'unknown', module, says: `${found.name} runs on another operating system only`, near: false }]
  return [own(found, module, dotted), ...companionsOf(dotted).map((one) => companion(one, dotted))]
}

function own({ name, extras, specifier, grade, matched }: Resolution, module: string, dotted: string): Part {
  const era = specifier.startsWith('<') ? { says: `imports ${shown(dotted)}, which ${name}${specifier} has` } : {}
  const floor = specifier.startsWith('>') && !matched.includes('.') ? { floor: true } : {}
  const wanted: Wanted = { name, extras, specifier, grade, rule: rules[grade], ...era, ...floor }
  return { kind: 'package', module: isPartOf(matched, module) ? module : matched, wanted }
}

function companion({ name, extras, specifier }: Pick<Resolution, 'name' | 'extras' | 'specifier'>, dotted: string): Part {
  const says = `imports ${shown(dotted)}, which needs it`
  return { kind: 'package', module: '', wanted: { name, extras, specifier, grade: 'A', rule: 'python.indirect.submodule', says } }
}

/** Where several packages have a module, what else the program imports decides. */
function chosen(found: Resolution | undefined, dotted: string, { tops, uses }: Context): Resolution | undefined {
  if (found === undefined) return undefined
  if (found.name === 'multipart' && ['fastapi', 'starlette', 'litestar'].some((top) => tops.has(top)))
    return { ...found, name: 'python-multipart' }
  if (dotted.startsWith('cv2') && uses.has('opencv.window')) return { ...found, name: 'opencv-python' }
  // Names such as `pipeline` or `notifications` are Django's only beside Django.
  if (ofDjango.test(found.name) && !tops.has('django') && !tops.has('rest_framework')) return undefined
  return found
}

const ofDjango = /^(?:django-|djangorestframework|drf-|edx-|wagtail)/
const namespaces = /^(?:google(?:\.cloud)?|azure|opentelemetry|llama_index|livekit\.plugins|airflow\.providers)$/
/** Distributions without a build for Linux. */
const otherSystems = /^(?:pywin32|pyobjc|wmi$|winrt|pywinpty|windows-curses)/

/** Modules that no package on the index has, and why. */
const noPackage: readonly (readonly [pattern: RegExp, says: string])[] = [
  [
    /^(?:win32\w*|win2kras|pythoncom|pywintypes|winerror|winxpgui|servicemanager|_winapi|wmi|winrt|AppKit|Foundation|Cocoa|Quartz|CoreFoundation|objc|PyObjCTools)(?:\.|$)/,
    'is of another operating system: the image is Linux',
  ],
  [/^google\.colab(?:\.|$)/, 'is only there on Google Colab'],
  [
    /^(?:[a-z]{2}_(?:core|dep|ent)_(?:web|news|sci)_(?:sm|md|lg|trf))(?:\.|$)/,
    'is a model of spaCy and not on PyPI: `python -m spacy download` installs it',
  ],
  [/^backports\.zoneinfo(?:\.|$)/, 'is zoneinfo of the standard library'],
  [/^(?:detectron2|dlib_bin|pysqlite3_dev)(?:\.|$)/, 'is not on PyPI'],
  [/(?:^|\.)\w+_pb2(?:_grpc)?(?:\.|$)/, 'is generated by protoc, and its file is not in the source'],
  [/^mypy_boto3_\w+/, 'holds types only: import it below TYPE_CHECKING'],
]

/** Generated code needs its library, wherever it is. */
function generated(module: string): readonly Part[] {
  if (!/_pb2(?:_grpc)?$/.test(module)) return []
  const name = module.endsWith('_grpc') ? 'grpcio' : 'protobuf'
  return [companion({ name, extras: [], specifier: '' }, module)]
}

const rules: Readonly<Record<Grade, string>> = {
  A: 'python.import.table',
  B: 'python.import.namespace',
  C: 'python.import.name',
  D: 'python.import.affix',
}

function isPartOf(prefix: string, module: string): boolean {
  return module === prefix || module.startsWith(`${prefix}.`)
}

function distinct(parts: readonly Part[]): readonly Part[] {
  const keyOf = (part: Part): string => {
    if (part.kind === 'here') return ''
    return part.kind === 'unknown'
      ? part.module
      : `${part.wanted.name}[${part.wanted.extras.join()}]${part.wanted.specifier} ${part.module}`
  }
  return [...new Map(parts.map((part) => [keyOf(part), part])).values()]
}

/**
 * The imports that the program cannot do without. Of alternatives (`try: import a` / `except ImportError: import b`) the first that is
 * known counts, unless a later one needs no package at all.
 */
export function required(verdicts: readonly Verdict[]): readonly Verdict[] {
  const groups = Map.groupBy(
    verdicts.filter((one) => one.import.alternative !== undefined),
    (one) => one.import.alternative!.group,
  )
  const found = [...groups.values()].flatMap((members) =>
    chooseArm([...Map.groupBy(members, (one) => one.import.alternative!.arm).values()]),
  )
  return [...verdicts.filter((one) => !one.import.optional), ...found]
}

function chooseArm(arms: readonly (readonly Verdict[])[]): readonly Verdict[] {
  const all = (arm: readonly Verdict[], kinds: readonly Part['kind'][]): boolean =>
    arm.every((one) => one.parts.every((part) => kinds.includes(part.kind)))
  if (arms.some((arm) => all(arm, ['here']))) return []
  return arms.find((arm) => all(arm, ['here', 'package'])) ?? arms[0] ?? []
}
