import type { Detected } from '../detect/detect.ts'
import type { Notice } from '../detect/detection.ts'
import type { Inference } from '../infer/infer.ts'
import { alsoBrought } from './brought-along.ts'
import type { Packages } from './dependencies.ts'

/** What to say about packages: imports that nothing brings, and names that are not known. */
export function planNotices({ project, tree }: Detected, inference: Inference, packages: Packages): readonly Notice[] {
  const preview = tree.edition.state === 'preview' ? [previewNotice(tree.edition.name)] : []
  return [...preview, ...packageNotices(project, inference, packages)]
}

function previewNotice(edition: string): Notice {
  return { code: 'edition_preview', message: `Edition ${edition} is a preview: what it decides may change until it is the default.` }
}

function packageNotices(project: Detected['project'], inference: Inference, packages: Packages): readonly Notice[] {
  return project.install ? undeclared(project.install, inference, packages) : [...inferredNotice(packages), ...unresolved(inference)]
}

function inferredNotice({ all }: Packages): Notice[] {
  if (!all.some(({ origin }) => origin === 'inferred')) return []
  return [
    {
      code: 'dependencies_inferred',
      message: 'Nothing declares packages, so they are inferred from the imports. A manifest with versions makes builds repeatable.',
    },
  ]
}

function unresolved({ unresolved: imports }: Inference): Notice[] {
  return imports.map(({ import: name, near, evidence: { says, file, line } }) => ({
    code: 'unresolved_import',
    message: `No package is installed for the import ${name}: ${says}.${near.length > 0 ? ` Did you mean ${near.join(', ')}?` : ''}`,
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    ...(near[0] === undefined ? {} : { fix: { dependencies: { add: [near[0]] } } }),
  }))
}

// Without a lock a package may come along with another one, so this can only be said carefully.
function undeclared(install: NonNullable<Detected['project']['install']>, inference: Inference, packages: Packages): Notice[] {
  const along = alsoBrought(packages.all.map(({ name }) => name))
  const declared = new Set(packages.all.map(({ name }) => plainName(name)))
  const brought = (name: string): boolean => (install.locked?.has(name) ?? along.has(name)) || declared.has(plainName(name))
  return inference.dependencies
    .filter(
      ({ name, group, imports, ecosystem, evidence: { rule } }) =>
        !brought(name) &&
        (ecosystem === 'pypi' || (group === 'default' && imports.length > 0)) &&
        // a tool's own file asks for nothing that the program would fail without
        rule !== 'python.indirect.file',
    )
    .map(({ name, imports, evidence: { file, line } }) => ({
      code: 'undeclared_import',
      message: `${imports[0] ?? name} is imported, but ${name} is not declared. The program fails unless another package brings it.`,
      ...(file === undefined ? {} : { file }),
      ...(line === undefined ? {} : { line }),
      fix: { dependencies: { add: [name] } },
    }))
}

/** psycopg2 and psycopg2-binary, opencv-python and opencv-python-headless are one package in two builds */
export function plainName(name: string): string {
  return name.replace(/(?:-(?:binary|contrib|headless|cpu|gpu)){1,3}$/, '')
}
