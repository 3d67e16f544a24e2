import { random } from '../test/random.js'
import { HELD, HOSTILE } from './hostile.js'

/**
 * The process of the hostile clients, so that what they cost themselves is not taken for a wait of good ones. Told by
 * messages what to do; tells which attack it begins.
 */

export interface Orders {
  port: number
  /** Of HOSTILE. */
  names: string[]
  seed: number
}

export type News = { began: string } | 'held'

const LANES = 3
const PAUSE_MS = 20
const HOLD_MS = 500
/** Long enough for every held connection to be made. */
const SETTLE_MS = 500

let attacking = true

process.on('message', (message: Orders | 'hold') => {
  if (message === 'hold') void hold()
  else void attack(message)
})
process.on('disconnect', () => process.exit())

let orders: Orders | undefined

async function attack(given: Orders): Promise<void> {
  orders = given
  const below = random(given.seed)
  const lane = async () => {
    while (attacking) {
      const name = given.names[below(given.names.length)] ?? ''
      tell({ began: name })
      await HOSTILE[name]?.({ port: given.port, hold: HOLD_MS })
      await pause(PAUSE_MS)
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
}

/** Leaves connections open for good. */
async function hold(): Promise<void> {
  attacking = false
  for (const name of Object.keys(HELD).filter((held) => orders?.names.includes(held)))
    void HELD[name]?.({ port: orders?.port ?? 0, hold: Number.POSITIVE_INFINITY })
  await pause(SETTLE_MS)
  tell('held')
}

function tell(news: News): void {
  process.send?.(news)
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
