import { join } from 'node:path'

export const MOCK = join(import.meta.dirname, '..', 'dist', 'main.js')

/** The built program over made-up rows, with everything on but the log. */
export function mockCommand(world: string, rows: number, port: number, ...options: string[]): string[] {
  return [
    ...[process.execPath, MOCK, '--port', String(port), '--generate', String(rows), '--fixtures', world],
    ...['--log-level', 'silent', ...options],
  ]
}
