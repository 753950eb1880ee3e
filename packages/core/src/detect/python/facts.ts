import type { Expression } from './expression.ts'
import type { CallStatement, PythonModule } from './module.ts'

/** The line of the first import of a package, or of one of its modules. */
export function importLine(module: PythonModule, name: string): number | undefined {
  return module.imports.find((one) => {
    const full = one.name === undefined ? one.module : `${one.module}.${one.name}`
    return one.level === 0 && (one.module === name || one.module.startsWith(`${name}.`) || full === name)
  })?.line
}

/** The name after the last dot of what is called. */
export function lastName(callee: Expression): string {
  return callee.kind === 'name' ? callee.dotted.slice(callee.dotted.lastIndexOf('.') + 1) : callee.kind === 'attribute' ? callee.name : ''
}

/** A call that is a statement, wherever it stands, of a full name such as `aiohttp.web.run_app`. */
export function callOf(module: PythonModule, ...fullNames: readonly string[]): CallStatement | undefined {
  return module.calls.find(({ call }) => isCallOf(module, call, fullNames))
}

export function isCallOf(module: PythonModule, expression: Expression, fullNames: readonly string[]): boolean {
  if (expression.kind !== 'call' || expression.callee.kind !== 'name') return false
  return module.qualified(expression.callee.dotted).some((name) => fullNames.includes(name))
}

/** A call of a method, whatever it is of. */
export function methodCall(module: PythonModule, ...names: readonly string[]): CallStatement | undefined {
  return module.calls.find(
    ({ call: { callee } }) => names.includes(lastName(callee)) && (callee.kind !== 'name' || callee.dotted.includes('.')),
  )
}

/** What is made by a call of one of these full names, with the name it gets. */
export function madeBy(
  module: PythonModule,
  ...fullNames: readonly string[]
): { readonly name: string; readonly line: number } | undefined {
  return module.assignments.find(({ value }) => isCallOf(module, value, fullNames))
}

/** The line of a decorator of this full name. */
export function decoratedBy(module: PythonModule, ...fullNames: readonly string[]): number | undefined {
  return module.decorators.find(({ value }) => {
    const bare = value.kind === 'call' ? value.callee : value
    return bare.kind === 'name' && module.qualified(bare.dotted).some((name) => fullNames.includes(name))
  })?.line
}

/** A name that the file defines or assigns at the top level. */
export function isDefined(module: PythonModule, name: string): boolean {
  return module.functions.some((one) => one.name === name) || module.assignments.some((one) => one.name === name && one.of === undefined)
}
