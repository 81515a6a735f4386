@echo off
rem Starts Isomorph on Windows. In a source checkout it builds what it needs on first use.
setlocal enableextensions enabledelayedexpansion

set "home=%~dp0"
if "%home:~-1%"=="\" set "home=%home:~0,-1%"

set "java_home="
for %%J in ("%home%\jre" "%ISOMORPH_JAVA_HOME%" "%JAVA_HOME%") do call :try_jdk "%%~J"
for /d %%J in ("%ProgramFiles%\Java\*" "%ProgramFiles%\Eclipse Adoptium\*" "%ProgramFiles%\Microsoft\jdk*" "%USERPROFILE%\.jdks\*") do call :try_jdk "%%~J"
if not defined java_home (
  echo isomorph: no JDK 25 was found. 1>&2
  echo   looked in: ISOMORPH_JAVA_HOME, JAVA_HOME, %ProgramFiles%, %USERPROFILE%\.jdks 1>&2
  echo   help:      install a JDK 25 ^(any vendor^) and set JAVA_HOME to its folder 1>&2
  exit /b 5
)

if exist "%home%\cli\src" (
  set "dist=%home%\cli\target\isomorph"
  if not exist "!dist!\lib" (
    where mvn >nul 2>nul
    if errorlevel 1 (
      echo isomorph: this is a source checkout, and Maven ^(mvn^) is needed to build it once. 1>&2
      exit /b 5
    )
    pushd "%home%"
    call mvn --batch-mode --no-transfer-progress --quiet -Dmaven.test.skip=true -pl cli -am package 1>&2
    if errorlevel 1 (
      popd
      echo isomorph: the build failed. 1>&2
      exit /b 70
    )
    popd
  )
) else (
  set "dist=%home%"
)

set "flags=--enable-native-access=ALL-UNNAMED -Dstdout.encoding=UTF-8 -Dstderr.encoding=UTF-8"
set "computes="
for %%C in (convert verify run sweep bench) do if "%~1"=="%%C" set "computes=yes"
if defined computes (
  set "flags=%flags% --add-modules=jdk.incubator.vector -XX:+UseParallelGC"
) else (
  set "flags=%flags% -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
)
"%java_home%\bin\java" %flags% %ISOMORPH_JAVA_OPTIONS% -cp "%dist%\lib\*" dev.isomorph.cli.Main %*
exit /b %errorlevel%

:try_jdk
if defined java_home exit /b
if "%~1"=="" exit /b
if not exist "%~1\bin\java.exe" exit /b
findstr /b /c:"JAVA_VERSION=\"25." "%~1\release" >nul 2>nul && set "java_home=%~1"
exit /b
