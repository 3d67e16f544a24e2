import * as Type from 'typebox'

/** What several bodies of the control API are made of. */

export const text = (description: string) => Type.String({ description })
export const count = (description: string) => Type.Integer({ minimum: 0, description })

/** A release, and what speaks for the answers as it. */
export const releaseFields = {
  name: text('a release such as 2025.2.4'),
  evidence: Type.Enum(['recorded', 'derived'], {
    description: 'whether a recording of it is replayed, or its contract alone speaks',
  }),
}

/** A release as options and bodies name one. */
export const releaseWanted = text('a release: 2025.2, 2025.2.4 or latest')
