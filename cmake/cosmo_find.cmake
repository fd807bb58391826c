# Finds CAF and Catch2: what is installed on this machine (or lies in
# CMAKE_PREFIX_PATH) comes first, then what scripts/setup put into its cache.
# Also part of the installed package: there CAF may lie beside it, too.

if(DEFINED ENV{COSMO_CACHE})
  set(COSMO_CACHE_DIR "$ENV{COSMO_CACHE}")
elseif(DEFINED ENV{XDG_CACHE_HOME})
  set(COSMO_CACHE_DIR "$ENV{XDG_CACHE_HOME}/cosmo-actors")
else()
  set(COSMO_CACHE_DIR "$ENV{HOME}/.cache/cosmo-actors")
endif()

# CAF's own version files accept nothing but their exact version. So the first
# search, which no version satisfies, only lists what there is, best place
# first, and the second loads the first one we can work with.
macro(cosmo_find_caf)
  if(COSMO_SANITIZE STREQUAL "thread")
    # ThreadSanitizer needs the instrumented build and no other.
    find_package(CAF 0.0.0 EXACT QUIET CONFIG NO_DEFAULT_PATH
      PATHS "${COSMO_CACHE_DIR}/caf-0.18.7-tsan")
  else()
    find_package(CAF 0.0.0 EXACT QUIET CONFIG
      PATHS ${PACKAGE_PREFIX_DIR} "${COSMO_CACHE_DIR}/caf-0.18.7")
  endif()
  foreach(_cosmo_config _cosmo_version IN ZIP_LISTS
          CAF_CONSIDERED_CONFIGS CAF_CONSIDERED_VERSIONS)
    if(NOT CAF_FOUND AND _cosmo_version VERSION_GREATER_EQUAL 0.18.7
       AND _cosmo_version VERSION_LESS 2)
      get_filename_component(_cosmo_dir "${_cosmo_config}" DIRECTORY)
      find_package(CAF ${_cosmo_version} EXACT QUIET CONFIG NO_DEFAULT_PATH
        PATHS "${_cosmo_dir}")
    endif()
  endforeach()
  if(NOT CAF_FOUND)
    message(FATAL_ERROR
      "No CAF from 0.18.7 up to 1.x found. scripts/setup builds one, or set "
      "CMAKE_PREFIX_PATH to where yours is installed.")
  endif()
endmacro()

macro(cosmo_find_catch2)
  find_package(Catch2 3 CONFIG QUIET PATHS "${COSMO_CACHE_DIR}/catch2-3")
  if(NOT Catch2_FOUND)
    message(FATAL_ERROR
      "Catch2 3 not found. scripts/setup gets it, or set CMAKE_PREFIX_PATH.")
  endif()
endmacro()
