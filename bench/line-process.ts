import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { LOAD_CORE, pinned } from './server.js'

/** A process of its own that answers each line with a line, on the core of the load. */
export interface LineProcess<Question, Answer> {
  ask(question: Question): Promise<Answer>
  end(): void
}

/** @param file a program of this folder */
export function startLineProcess<Question, Answer>(file: string): LineProcess<Question, Answer> {
  const command = [process.execPath, '--import', 'tsx', join(import.meta.dirname, file)]
  const [program = '', ...args] = pinned(command, LOAD_CORE)
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async ask(question) {
      child.stdin.write(`${JSON.stringify(question)}\n`)
      const { value, done } = await answers.next()
      if (done === true) throw new Error(`${file} ended`)
      return JSON.parse(value)
    },
    end: () => void child.stdin.end(),
  }
}
