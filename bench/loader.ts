import { createInterface } from 'node:readline'
import autocannon, { type Result } from 'autocannon'
import type { Answer, Load } from './load.js'

/** The process that makes load: reads what to do from standard input, a line each, and prints what came of it. See load.ts. */

for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(await run(JSON.parse(line)))}\n`)

async function run({ url, connections, seconds, amount, scripts }: Load): Promise<Answer> {
  const length = amount === undefined ? { duration: seconds } : { amount }
  const latencies: number[] = []
  let clients = 0
  const { requests, duration, statusCodeStats, errors } = await new Promise<Result>((resolve, reject) => {
    const instance = autocannon(
      {
        url,
        connections,
        ...length,
        setupClient: (client) => client.setRequests(scripts[clients++ % scripts.length] ?? []),
      },
      (error, result) => (error ? reject(error) : resolve(result)),
    )
    instance.on('response', (_client, _status, _bytes, milliseconds) => latencies.push(milliseconds))
  })
  latencies.sort((a, b) => a - b)
  const percentile = (percent: number) => latencies[Math.floor((latencies.length * percent) / 100)] ?? 0
  return {
    requests: requests.total,
    seconds: duration,
    p50: percentile(50),
    p99: percentile(99),
    statuses: Object.entries(statusCodeStats ?? {}).map(([status, { count = 0 }]) => [Number(status), count]),
    errors,
  }
}
