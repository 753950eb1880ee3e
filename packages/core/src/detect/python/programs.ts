import type { Evidence } from '../detection.ts'
import type { Command } from './command.ts'
import { graphOf } from './graphs.ts'
import { mcpOf } from './mcp.ts'
import type { PythonFiles } from './scans.ts'
import { interfaceOf } from './interfaces.ts'
import { workerOf } from './workers.ts'

/** A program of a file that is started by a command of its framework. */
export interface Program {
  readonly command: Command
  readonly evidence: Evidence
}

/** What a recogniser found in a file. */
export interface Recognised {
  readonly command: Command
  readonly line: number
  readonly says: string
}

/** Rows 8 to 12 of `detection.md` 2.3 and compiled graphs, strongest first: one file may be several. */
const recognisers: readonly ((files: PythonFiles, file: string) => Recognised | undefined)[] = [interfaceOf, workerOf, mcpOf, graphOf]

/** A word that every file has which one of them knows. */
const programWord =
  /\b(?:gradio|smolagents|streamlit|chainlit|nicegui|panel|dash|sanic|tornado|aiohttp|mesop|marimo|robyn|celery|dramatiq|rq|arq|temporalio|prefect|huey|taskiq\w*|faststream|faust|apscheduler|pika|discord|telegram|telebot|aiogram|slack_bolt|livekit|pipecat\w*|mcp|fastmcp|langgraph\w*|langchain|deepagents)\b/

/** The program that a file is by its framework's own command; the row is the place of the rule in the list. */
export function programOf(files: PythonFiles, file: string): (Program & { readonly row: number }) | undefined {
  if (!files.mentions(file, programWord)) return undefined
  for (const [row, recognise] of recognisers.entries()) {
    const found = recognise(files, file)
    if (!found) continue
    const { command, line, says } = found
    return { row, command, evidence: { rule: `python.start.${command.framework ?? 'main'}`, file, line, says } }
  }
  return undefined
}
