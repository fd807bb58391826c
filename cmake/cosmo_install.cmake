# The installed package: find_package(cosmo-actors) gives cosmo::core and so on.

include(CMakePackageConfigHelpers)
set(_cosmo_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cosmo-actors)

configure_package_config_file(cmake/cosmo-actors-config.cmake.in
  cosmo-actors-config.cmake INSTALL_DESTINATION ${_cosmo_package_dir}
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(cosmo-actors-config-version.cmake
  COMPATIBILITY SameMinorVersion)

install(EXPORT cosmo-actors-targets NAMESPACE cosmo::
  DESTINATION ${_cosmo_package_dir})
install(FILES
  "${CMAKE_CURRENT_BINARY_DIR}/cosmo-actors-config.cmake"
  "${CMAKE_CURRENT_BINARY_DIR}/cosmo-actors-config-version.cmake"
  cmake/cosmo_find.cmake
  DESTINATION ${_cosmo_package_dir})

if(COSMO_CAF_PREFIX)
  install(DIRECTORY "${COSMO_CAF_PREFIX}/include" "${COSMO_CAF_PREFIX}/lib"
    DESTINATION . USE_SOURCE_PERMISSIONS)
endif()
