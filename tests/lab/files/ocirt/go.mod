// SPDX-License-Identifier: GPL-3.0-or-later
module gpulab.local/ocirt

go 1.24
