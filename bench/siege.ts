import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { News, Orders } from './attacker.js'

/** Hostile clients at work, in a process of their own. */
export interface Siege extends AsyncDisposable {
  /** Resolves once the first one began. */
  begun: Promise<void>
  /** How often each began. */
  attacks: Record<string, number>
  /** The last ones that began: those that are to blame for what went wrong just now. */
  recent(): string[]
  /** Ends the attacks, and leaves connections of every kind open. */
  hold(): Promise<void>
}

const RECENT = 8

export function besiege(orders: Orders): Siege {
  const child: ChildProcess = fork(join(import.meta.dirname, 'attacker.ts'), { execArgv: ['--import', 'tsx'] })
  const attacks: Record<string, number> = Object.fromEntries(orders.names.map((name) => [name, 0]))
  let recent: string[] = []
  let held = () => {}
  const isHeld = new Promise<void>((resolve) => {
    held = resolve
  })
  let begin = () => {}
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  child.on('message', (news: News) => {
    if (news === 'held') return held()
    begin()
    attacks[news.began] = (attacks[news.began] ?? 0) + 1
    recent = [...recent, news.began].slice(-RECENT)
  })
  child.send(orders)
  return {
    begun,
    attacks,
    recent: () => recent,
    async hold() {
      child.send('hold')
      await Promise.race([isHeld, once(child, 'exit')])
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}
