import { readFileSync } from 'node:fs'
import autocannon from 'autocannon'
import type { Load } from './load.js'

/** The process that makes load: reads what to do from standard input, and prints what came of it. See load.ts. */

const { url, connections, seconds, amount, scripts }: Load = JSON.parse(readFileSync(0, 'utf8'))
const length = amount === undefined ? { duration: seconds } : { amount }
const latencies: number[] = []
let clients = 0

const instance = autocannon({
  url,
  connections,
  ...length,
  setupClient: (client) => client.setRequests(scripts[clients++ % scripts.length] ?? []),
})
instance.on('response', (_client, _status, _bytes, milliseconds) => latencies.push(milliseconds))

const { requests, duration, statusCodeStats, errors } = await instance
latencies.sort((a, b) => a - b)
process.stdout.write(
  JSON.stringify({
    requests: requests.total,
    seconds: duration,
    p50: percentile(50),
    p99: percentile(99),
    statuses: Object.entries(statusCodeStats ?? {}).map(([status, { count }]) => [Number(status), count]),
    errors,
  }),
)

function percentile(percent: number): number {
  return latencies[Math.floor((latencies.length * percent) / 100)] ?? 0
}
