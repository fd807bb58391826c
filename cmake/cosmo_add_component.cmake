# cosmo_add_component(<name>
#   HEADERS <include/cosmo/...>...    public headers
#   GENERATED_HEADERS <include/cosmo/...>...
#                                     the same, in the build folder
#   SOURCES <src/...>...              sources and private headers
#   DEPENDS <target>...               seen in the public headers
#   PRIVATE_DEPENDS <target>...       used by the sources alone
# )
# makes the library cosmo_<name>, known as cosmo::<name> here and to the users of
# the installed package.
function(cosmo_add_component name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" ""
    "HEADERS;GENERATED_HEADERS;SOURCES;DEPENDS;PRIVATE_DEPENDS")
  cosmo_refuse_unparsed(cosmo_add_component "${arg_UNPARSED_ARGUMENTS}")
  set(target cosmo_${name})
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(cosmo::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name}
    LINKER_LANGUAGE CXX)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_sources(${target} PUBLIC FILE_SET HEADERS
    BASE_DIRS include FILES ${arg_HEADERS})
  if(arg_GENERATED_HEADERS)
    list(TRANSFORM arg_GENERATED_HEADERS PREPEND "${CMAKE_CURRENT_BINARY_DIR}/")
    target_sources(${target} PUBLIC FILE_SET HEADERS
      BASE_DIRS "${CMAKE_CURRENT_BINARY_DIR}/include"
      FILES ${arg_GENERATED_HEADERS})
  endif()
  target_include_directories(${target} PRIVATE src)
  target_link_libraries(${target} PUBLIC ${arg_DEPENDS})
  foreach(dependency IN LISTS arg_PRIVATE_DEPENDS ITEMS cosmo_compile_options)
    cosmo_has_only_headers(${dependency} only_headers)
    if(only_headers)
      # Our build needs it, the installed library does not.
      set(dependency $<BUILD_INTERFACE:${dependency}>)
    endif()
    target_link_libraries(${target} PRIVATE ${dependency})
  endforeach()
  cosmo_use_precompiled_headers(${target})
  if(COSMO_INSTALL)
    install(TARGETS ${target} EXPORT cosmo-actors-targets FILE_SET HEADERS)
  endif()
endfunction()

# cosmo_add_executable(<target> SOURCES <file>... DEPENDS <target>...)
# makes a program of this repository: a test, an example, a benchmark.
function(cosmo_add_executable target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS")
  cosmo_refuse_unparsed(cosmo_add_executable "${arg_UNPARSED_ARGUMENTS}")
  add_executable(${target} ${arg_SOURCES})
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_link_libraries(${target} PRIVATE ${arg_DEPENDS} cosmo_compile_options)
  cosmo_use_precompiled_headers(${target})
endfunction()

# cosmo_add_example(<name> DEPENDS <target>...)
# makes the program example_<name> of <name>.cpp.
function(cosmo_add_example name)
  cosmo_add_executable(example_${name} SOURCES ${name}.cpp ${ARGN})
endfunction()

# cosmo_add_fuzzer(<target> SOURCES <file>... DEPENDS <target>...)
# makes a program of a LLVMFuzzerTestOneInput.
function(cosmo_add_fuzzer target)
  cosmo_add_executable(${target} ${ARGN})
  target_link_options(${target} PRIVATE -fsanitize=fuzzer)
endfunction()

# A library that adds nothing at link time.
function(cosmo_has_only_headers target result)
  get_target_property(type ${target} TYPE)
  get_target_property(libraries ${target} INTERFACE_LINK_LIBRARIES)
  get_target_property(options ${target} INTERFACE_LINK_OPTIONS)
  if(type STREQUAL INTERFACE_LIBRARY AND NOT libraries AND NOT options)
    set(${result} TRUE PARENT_SCOPE)
  else()
    set(${result} FALSE PARENT_SCOPE)
  endif()
endfunction()

function(cosmo_refuse_unparsed function_name)
  if(NOT "${ARGN}" STREQUAL "")
    message(FATAL_ERROR "${function_name}: what is meant by ${ARGN}?")
  endif()
endfunction()
