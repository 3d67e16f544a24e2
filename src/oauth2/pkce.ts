import { createHash } from 'node:crypto'
import { Crash } from '../python/crash.js'
import type { AuthorizationCode } from '../world/kinds/authorization-codes.js'

/**
 * What speaks against a code verifier. Undefined: nothing; a code without a challenge is exchanged without a verifier.
 *
 * @throws Crash for a verifier beyond ASCII where it is hashed
 */
export function pkceMistake(code: AuthorizationCode, verifier: string | undefined): string | undefined {
  if (!code.code_challenge) return verifier ? 'a code verifier, but the code has no challenge' : undefined
  if (!verifier) return 'no code verifier, and the code has a challenge'
  const shown = code.code_challenge_method === 'S256' ? hashed(verifier) : verifier
  return shown === code.code_challenge ? undefined : 'the code verifier does not match the challenge'
}

function hashed(verifier: string): string {
  if (/[^\0-\x7f]/.test(verifier)) throw new Crash('a code verifier beyond ASCII')
  return createHash('sha256').update(verifier).digest('base64url')
}
