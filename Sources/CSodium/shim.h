// SPDX-License-Identifier: AGPL-3.0-or-later
#ifndef MUJAWARA_CSODIUM_SHIM_H
#define MUJAWARA_CSODIUM_SHIM_H
#include <sodium.h>
#endif
