import type { Build } from '@kiln/core'
import { plainText } from './terminal/text.ts'

const namedFiles = 3

/** Why a build is not answered from an earlier one, in a line. */
export async function missLines(handle: Build): Promise<readonly string[]> {
  if (handle.reuse !== 'none') return []
  const { earlier, inputs, files } = await handle.explainMiss()
  if (!earlier) return [`driver: ${handle.record.driver.why}`]
  const names = [...files.changed, ...files.added.map((path) => `+${path}`), ...files.removed.map((path) => `-${path}`)]
  const rest = inputs.map(({ name }) => name).filter((name) => name !== 'tree')
  const changed = [
    ...names.slice(0, namedFiles),
    ...(names.length > namedFiles ? [`${names.length - namedFiles} more files`] : []),
    ...rest,
  ]
  if (changed.length === 0) return [`driver: ${handle.record.driver.why}`]
  return [`changed since ${earlier.id}: ${plainText(changed.join(', '))}`]
}
