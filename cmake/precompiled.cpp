// SPDX-License-Identifier: Apache-2.0
// Carries the precompiled headers; has no code of its own.
