import { createMasks } from '../server/masking.js'
import type { Talk } from './talk.js'

const CUT = '…'

/**
 * Runs a command that shows a token to a target, which may say it again: whatever the command says has it left out.
 *
 * @param run is given what to say things with, and what leaves the token out of a text
 */
export async function hidingToken<T>(
  token: string,
  { tell, progress }: Talk,
  run: (output: Talk, hide: (text: string) => string) => Promise<T>,
): Promise<T> {
  const masks = createMasks()
  masks.learn(token)
  // Texts of a target are cut where they are too long, maybe in the middle of it.
  const hide = (text: string) =>
    text
      .split(CUT)
      .map((part, i, { length }) => masks.maskKnown(part, i < length - 1))
      .join(CUT)
  try {
    return await run({ tell: (line) => tell(hide(line)), progress }, hide)
  } catch (error) {
    if (error instanceof Error) {
      error.message = hide(error.message)
      error.stack = hide(String(error.stack))
    }
    throw error
  }
}
