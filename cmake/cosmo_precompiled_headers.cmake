# Most of a source file's compile time goes into CAF's headers. They are
# precompiled once, for the libraries and programs alike: GCC takes a
# precompiled header only where the options are the same, hence one -fPIC for
# all in place of CMake's -fPIC here and -fPIE there.

if(COSMO_PCH)
  add_library(cosmo_precompiled OBJECT
    "${CMAKE_CURRENT_LIST_DIR}/precompiled.cpp")
  target_compile_features(cosmo_precompiled PUBLIC cxx_std_20)
  target_compile_options(cosmo_precompiled PRIVATE -fPIC)
  target_link_libraries(cosmo_precompiled PRIVATE CAF::core
    nlohmann_json::nlohmann_json cosmo_compile_options)
  target_precompile_headers(cosmo_precompiled PRIVATE
    <caf/all.hpp> <nlohmann/json.hpp>)
endif()

function(cosmo_use_precompiled_headers target)
  if(COSMO_PCH)
    target_precompile_headers(${target} REUSE_FROM cosmo_precompiled)
    # Lets ccache see that the header was used, and hash it.
    target_compile_options(${target} PRIVATE
      $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
  endif()
  target_compile_options(${target} PRIVATE -fPIC)
endfunction()
