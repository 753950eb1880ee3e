import { Body, Controller, Get, Param, ParseIntPipe, Post } from '@nestjs/common'
import { Tickets, type Ticket } from './tickets.service'

@Controller('tickets')
export class TicketsController {
  constructor(private readonly tickets: Tickets) {}

  @Post()
  open(@Body() body: { about?: string }): Ticket {
    return this.tickets.open(body.about ?? 'something')
  }

  @Get(':id')
  read(@Param('id', ParseIntPipe) id: number): Ticket {
    return this.tickets.read(id)
  }
}
