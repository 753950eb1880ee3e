import { Injectable, NotFoundException } from '@nestjs/common'

export interface Ticket {
  readonly id: number
  readonly about: string
}

@Injectable()
export class Tickets {
  private readonly all: Ticket[] = []

  open(about: string): Ticket {
    const ticket = { id: this.all.length + 1, about }
    this.all.push(ticket)
    return ticket
  }

  read(id: number): Ticket {
    const ticket = this.all[id - 1]
    if (!ticket) throw new NotFoundException(`no ticket ${id}`)
    return ticket
  }
}
