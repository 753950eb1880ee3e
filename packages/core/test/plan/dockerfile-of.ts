import { render } from '../../src/dockerfile/render.ts'
import type { Plan } from '../../src/plan/plan.ts'

export function dockerfileOf(plan: Plan): string {
  return render(plan, 'classic').text
}
