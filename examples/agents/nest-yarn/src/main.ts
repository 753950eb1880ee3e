import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { TicketsController } from './tickets.controller'
import { Tickets } from './tickets.service'

@Module({ controllers: [TicketsController], providers: [Tickets] })
class AppModule {}

async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule)
  await app.listen(process.env.PORT ?? 3000)
}

void main()
