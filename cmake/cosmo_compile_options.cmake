# How the project's own code is compiled. Targets get it by linking privately to
# cosmo_compile_options; none of it reaches the users of the libraries.

add_library(cosmo_compile_options INTERFACE)
target_compile_options(cosmo_compile_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  -Wcast-align -Wold-style-cast
  # GCC 12 sees null pointers and short arrays in optimised library code where
  # there are none.
  -Wno-array-bounds -Wno-maybe-uninitialized -Wno-stringop-overflow
  -Wno-stringop-overread -Wno-restrict
  # Options structs are filled by designated initializers, which name what
  # differs from the defaults and leave out the rest.
  -Wno-missing-field-initializers
  $<$<BOOL:${COSMO_WERROR}>:-Werror>)

# Sanitizers must see everything, the tests' code as well as the library's.
if(COSMO_SANITIZE)
  add_compile_options(-fsanitize=${COSMO_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${COSMO_SANITIZE})
  # GCC warns of each fence in Asio's headers, which ThreadSanitizer does not
  # follow. Clang has neither the warning nor the option.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND COSMO_SANITIZE MATCHES "thread")
    add_compile_options(-Wno-tsan)
  endif()
endif()
