import * as v from 'valibot'
import { frameworkNames } from '../detect/framework-names.ts'
import type { Config } from './config.ts'
import { argSchema, pathSchema, portSchema, variableSchema, word } from './field-schemas.ts'

const words = v.array(word, 'must be a list of texts')
const argv = v.pipe(words, v.minLength(1, 'must have at least one word'))
const debianPackages = v.array(v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9+.-]*$/, 'must be the name of a Debian package')))

/** The one schema of a Config. Texts become the descriptions of `schema/config.schema.json`. */
export const configSchema: v.GenericSchema<Config> = v.strictObject({
  $schema: optional(v.string(), 'Where editors find this schema.'),
  edition: optional(
    v.pipe(v.string(), v.regex(/^\d{4}\.\d{2}$/, 'must be a year and a month, such as 2026.11')),
    'The edition of the default rules: it fixes the versions and the distribution that nothing in the source asks for.',
  ),
  unit: optional(pathSchema, 'The directory of the source to build, when it holds several projects.'),
  language: optional(v.picklist(['python', 'javascript', 'typescript', 'go', 'static']), 'The language, when the source has several.'),
  runtime: optional(
    v.strictObject({
      name: optional(v.picklist(['node', 'deno', 'bun']), 'Which runtime a JavaScript or TypeScript program is for.'),
      version: optional(word, 'A version (`3.12`, `24`, `3.12.4`) or a range.'),
    }),
    'The runtime: Python, Node, Go, Deno or Bun.',
  ),
  framework: optional(
    v.picklist(frameworkNames, 'must be a framework that Kiln knows'),
    'The framework, when the source has several. One that is not listed needs no name.',
  ),
  packageManager: optional(
    v.picklist(['pip', 'uv', 'poetry', 'pdm', 'pipenv', 'conda', 'pixi', 'npm', 'pnpm', 'yarn', 'bun']),
    'The package manager, when the source has several.',
  ),
  installer: optional(
    v.picklist(['uv', 'pip']),
    'The program that installs the packages of a list that is made for pip. By itself uv, where it does the same as pip.',
  ),
  entrypoint: optional(pathSchema, 'The file that starts, relative to the source.'),
  start: optional(
    v.pipe(v.array(argSchema), v.minLength(1, 'must have at least one word')),
    'The command that starts, one word per argument, without a shell.',
  ),
  port: optional(portSchema, 'The port the program listens on.'),
  groups: optional(edits(words), 'Groups of dependencies to install beside the default one.'),
  requirements: optional(v.string(), 'Python requirements in the format of pip. They take the place of what the source declares.'),
  dependencies: optional(edits(words), 'Packages to install more (`httpx>=0.27`, `zod@^4`), or not at all (names).'),
  systemPackages: optional(edits(debianPackages), 'Debian packages the image needs more, or does not need.'),
  buildPackages: optional(
    edits(debianPackages),
    'Debian packages that only the build needs, such as compilers and headers: they stay out of the image. Or those it does not need.',
  ),
  env: optional(
    v.strictObject({ add: v.exactOptional(v.record(variableSchema, v.string())), remove: v.exactOptional(v.array(variableSchema)) }),
    'Variables of the image. Never secrets: everybody who has the image can read them.',
  ),
  build: optional(
    edits(v.array(argv)),
    'Commands to run after the detected build, each a list of words; or commands of the plan to leave out, as it has them.',
  ),
  frontend: optional(
    v.union([pathSchema, v.literal(false)], 'must be a directory, or false'),
    'The directory of the front end that is built and served; false: none is built.',
  ),
  context: optional(
    v.strictObject({ add: v.exactOptional(v.array(pathSchema, 'must be a list of paths')) }),
    'Paths of the source that the build of a unit sees beside what is found.',
  ),
  base: optional(
    v.union(
      [v.strictObject({ image: word }), v.strictObject({ distro: v.picklist(['bookworm', 'trixie']) })],
      'must be { "image": reference } or { "distro": "bookworm" | "trixie" }',
    ),
    'An image to build on, or the distribution of the default one.',
  ),
})

function optional<T extends v.GenericSchema>(
  schema: T,
  description: string,
): v.ExactOptionalSchema<v.SchemaWithPipe<readonly [T, v.DescriptionAction<v.InferOutput<T>, string>]>, undefined> {
  return v.exactOptional(v.pipe(schema, v.description(description)))
}

function edits<T extends v.GenericSchema>(
  list: T,
): v.StrictObjectSchema<{ add: v.ExactOptionalSchema<T, undefined>; remove: v.ExactOptionalSchema<T, undefined> }, undefined> {
  return v.strictObject({ add: v.exactOptional(list), remove: v.exactOptional(list) })
}
