// Certificates and stores for JavaScript: openStore, legacyAlgorithms, describeCertificate,
// certificateNames, chainAbove, describeKey.
#pragma once

#include <napi.h>

namespace dtls {

void add_store_functions(Napi::Env env, Napi::Object& exports);

}  // namespace dtls
