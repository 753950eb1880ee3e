import * as v from 'valibot'
import type { Arg } from './plan.ts'

// The fields that a Config and a Plan share. Checks are regular expressions, so that the published JSON schemas say the same.

export const word: v.GenericSchema<string> = v.pipe(v.string(), v.nonEmpty('must not be empty'))

/** A path inside the source: relative, `/`-separated, without `..` parts. */
export const pathSchema: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.regex(/^(?!\/)(?![A-Za-z]:)(?!(?:.*\/)?\.\.(?:\/|$))[ -[\]-\uffff]+$/, 'must be a relative path inside the source'),
)

export const portSchema: v.GenericSchema<number> = v.pipe(
  v.number(),
  v.integer('must be a whole number'),
  v.minValue(1, 'must be at least 1'),
  v.maxValue(65_535, 'must be at most 65535'),
)

export const variableSchema: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable'),
)

export const argSchema: v.GenericSchema<Arg> = v.union(
  [v.string(), v.strictObject({ env: variableSchema, default: v.string() })],
  'must be a text, or { "env": name, "default": text }',
)
