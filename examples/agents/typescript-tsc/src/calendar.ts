/** An enum: syntax that has to be compiled, so this agent needs its build step. */
export enum Weekday {
  Monday = 1,
  Tuesday,
  Wednesday,
}

export class Calendar {
  constructor(private readonly busy: Readonly<Record<string, readonly number[]>>) {}

  /** The first full hour from 9 to 17 at which nobody of these people is busy; null when there is none. */
  firstFree(people: readonly string[]): number | null {
    for (let hour = 9; hour < 17; hour++) {
      if (people.every((name) => !(this.busy[name] ?? []).includes(hour))) return hour
    }
    return null
  }
}
