import { resourceViews } from '../../../../../authentik/resource/views.js'
import { previewUserView } from './preview-user.js'
import { oauth2Providers } from './resource.js'
import { setupUrlsView } from './setup-urls.js'

export const oauth2ProviderViews = [...resourceViews(oauth2Providers), setupUrlsView, previewUserView]
