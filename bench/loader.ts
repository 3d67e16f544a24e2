import { readFileSync } from 'node:fs'
import autocannon, { type Result } from 'autocannon'
import type { Load } from './load.js'

/** The process that makes load: reads what to do from standard input, and prints what came of it. See load.ts. */

const { url, connections, seconds, amount, scripts }: Load = JSON.parse(readFileSync(0, 'utf8'))
const length = amount === undefined ? { duration: seconds } : { amount }
const latencies: number[] = []
let clients = 0

const instance = autocannon(
  {
    url,
    connections,
    ...length,
    setupClient: (client) => client.setRequests(scripts[clients++ % scripts.length] ?? []),
  },
  (error, result) => {
    if (error !== null && error !== undefined) throw error
    report(result)
  },
)
instance.on('response', (_client, _status, _bytes, milliseconds) => latencies.push(milliseconds))

function report({ requests, duration, statusCodeStats, errors }: Result): void {
  latencies.sort((a, b) => a - b)
  const statuses = Object.entries(statusCodeStats ?? {}).map(([status, { count }]) => [Number(status), count])
  const times = { seconds: duration, p50: percentile(50), p99: percentile(99) }
  process.stdout.write(JSON.stringify({ requests: requests.total, ...times, statuses, errors }))
}

function percentile(percent: number): number {
  return latencies[Math.floor((latencies.length * percent) / 100)] ?? 0
}
