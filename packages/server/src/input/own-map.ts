import { z } from 'zod'

/**
 * A map by any names, as they came: zod's own record leaves out `__proto__`, which is a legal name of a file. The value stays the
 * object that JSON.parse made, on which it is an ordinary own key: go over it with `Object.entries`, never with `in`.
 */
export function ownMap<T>(value: z.ZodType<T>): z.ZodType<Record<string, T>> {
  const { $schema: _, ...schema } = z.toJSONSchema(value, { target: 'openapi-3.0', unrepresentable: 'any' }) as Record<string, unknown>
  return z
    .any()
    .check((context) => {
      const { value: map, issues } = context
      if (typeof map !== 'object' || map === null || Array.isArray(map)) {
        issues.push({
          code: 'invalid_type',
          expected: 'object',
          input: map,
          message: `Invalid input: expected object, received ${map === undefined ? 'undefined' : 'something else'}`,
        })
        return
      }
      for (const [key, one] of Object.entries(map)) {
        const found = value.safeParse(one)
        for (const issue of found.error?.issues ?? []) issues.push({ ...issue, path: [key, ...issue.path], input: one } as never)
      }
    })
    .meta({ type: 'object', additionalProperties: schema })
}
