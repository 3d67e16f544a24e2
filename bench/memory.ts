import { measure } from './load.js'
import { get, OPERATIONS, type Operation, ROWS } from './operations.js'
import { startMock } from './scale.js'
import type { Setup } from './setup.js'

/** MiB, of a mock under load with its journal on: before, and after each part of the requests. */
export interface MemoryCurve {
  /** Requests in each part. */
  part: number
  memory: (number | null)[]
}

export const REQUESTS = 2_000_000
const PARTS = 40

/** Puts a mix of requests on one mock, and tells of its memory as it goes. */
export async function measureMemory(
  setup: Setup,
  requests: number,
  tell: (requests: number, memory: number | null) => void,
): Promise<MemoryCurve> {
  await using server = await startMock(1000, setup)
  const part = Math.ceil(requests / PARTS)
  const memory = [server.memory()]
  for (let i = 1; i <= PARTS; i++) {
    await measure(server, { connections: 16, seconds: 0, amount: part, scripts: [mix()] }, [200, 403, 404])
    memory.push(server.memory())
    tell(i * part, server.memory())
  }
  return { part, memory }
}

/** Every operation that reads, and rows and searches by the hundred. */
function mix(): ReturnType<typeof get>[] {
  const reads = Object.values<Operation>(OPERATIONS).map(({ path, key }) => get(path, key))
  const rows = Array.from({ length: 200 }, (_, i) => get(`${ROWS}${i * 5 + 1}/`))
  const searches = Array.from({ length: 50 }, (_, i) => get(`${ROWS}?search=${i}&page_size=2`))
  return [...reads, ...rows, ...searches]
}
