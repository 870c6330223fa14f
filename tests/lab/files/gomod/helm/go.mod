// SPDX-License-Identifier: GPL-3.0-or-later
module gpulab.local/tools/helm

go 1.26

tool helm.sh/helm/v3/cmd/helm

require helm.sh/helm/v3 v3.19.0
