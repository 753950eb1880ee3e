import type { Config } from '../../plan/config.ts'
import type { Evidence, Finding, Notice } from '../detection.ts'
import { portFinding } from '../overridden.ts'
import type { Tree } from '../tree.ts'
import { mayServe, serving, startsFramework, worksAlone } from './exported.ts'
import type { NodeFiles } from './files.ts'

/** The port that the code names; none for a program that waits for work; else 8080. */
export function nodePort(tree: Tree, files: NodeFiles, code: string | undefined, config: Config): Finding<number | null> {
  const standard = { value: 8080, evidence: { rule: 'port.default', says: 'nothing in the code names a port' } }
  const found = code === undefined ? undefined : (named(tree, files, code) ?? worker(tree, files, code))
  return found ? portFinding(config, found, [standard]) : portFinding(config, standard)
}

function worker(tree: Tree, files: NodeFiles, code: string): { value: null; evidence: Evidence } | undefined {
  const evidence = worksAlone(tree, files, code)
  return evidence && { value: null, evidence }
}

function named(tree: Tree, files: NodeFiles, code: string): { value: number; evidence: Evidence } | undefined {
  for (const file of files.reach(code)) {
    const agent = startsFramework(tree, files, file)
    if (!mayServe.test(tree.text(file) ?? '') && !agent) continue
    for (const { callee, args, keywords, variables, line } of files.scan(file).calls) {
      const port =
        serving.test(callee) || (agent && /(?:^|\.)(?:honoServer|start|createServer)$/.test(callee))
          ? (keywords['port'] ?? args[0])
          : undefined
      const number = typeof port === 'string' && /^\d{1,5}$/.test(port) ? Number(port) : port
      if (typeof number !== 'number' || !Number.isInteger(number) || number < 1 || number > 65_535) continue
      const variable = variables['port'] ?? variables['0']
      const says = variable === undefined ? `${callee}(${number})` : `${callee}(…) listens on ${variable}, else ${number}`
      return { value: number, evidence: { rule: 'node.port.listen', file, line, says } }
    }
    if (agent) return { value: agent.port, evidence: { ...agent.evidence, rule: 'node.port.framework' } }
  }
  return undefined
}

/** A program that listens on its own machine only cannot be reached from outside its container. */
export function localNotices(tree: Tree, files: NodeFiles, code: string): readonly Notice[] {
  for (const file of files.reach(code)) {
    if (!/127\.0\.0\.1|localhost/.test(tree.text(file) ?? '') || !/\blisten|\bserve/.test(tree.text(file) ?? '')) continue
    const call = files
      .scan(file)
      .calls.find(
        ({ callee, args, keywords }) =>
          serving.test(callee) &&
          [args[1], keywords['host'], keywords['hostname']].some((host) => host === '127.0.0.1' || host === 'localhost'),
      )
    if (call)
      return [
        {
          code: 'binds_locally',
          message: `${call.callee}(…) listens on this machine only, so nothing reaches it from outside the container. Listen on 0.0.0.0.`,
          file,
          line: call.line,
        },
      ]
  }
  return []
}
