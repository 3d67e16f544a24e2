import { type Answer, bodyOf } from '../authentik/answer.js'

/** An answer in the mock's own name, where authentik would have nothing to say. */
export function mockAnswer(status: number, detail: string): Answer {
  return {
    status,
    contentType: 'text/plain; charset=utf-8',
    body: bodyOf(`authentik-mock: ${detail}\n`),
    from: 'router',
  }
}
