// Top-level modules of CPython 3.8 to 3.14, from `sys.stdlib_module_names` and the release notes of each version.
// `name<3.12`: gone from that version on; `name>=3.11`: there from that version on.

/** Modules of the standard library, public ones. */
export const stdlib: string = `__future__ __main__ abc aifc<3.13 annotationlib>=3.14 antigravity argparse array ast asynchat<3.12 asyncio asyncore<3.12 atexit
audioop<3.13 base64 bdb binascii binhex<3.11 bisect builtins bz2 cProfile calendar cgi<3.13 cgitb<3.13 chunk<3.13 cmath cmd code codecs codeop
collections colorsys compileall compression>=3.14 concurrent configparser contextlib contextvars copy copyreg crypt<3.13 csv ctypes curses
dataclasses datetime dbm decimal difflib dis distutils<3.12 doctest dummy_threading<3.9 email encodings ensurepip enum errno faulthandler fcntl
filecmp fileinput fnmatch formatter<3.10 fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib>=3.9 grp gzip hashlib
heapq hmac html http idlelib imaplib imghdr<3.13 imp<3.12 importlib inspect io ipaddress itertools json keyword lib2to3<3.13 linecache locale
logging lzma mailbox mailcap<3.13 marshal math mimetypes mmap modulefinder msilib<3.13 msvcrt multiprocessing netrc nis<3.13 nntplib<3.13 nt
ntpath nturl2path numbers opcode operator optparse os ossaudiodev<3.13 parser<3.10 pathlib pdb pickle pickletools pipes<3.13 pkgutil platform
plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline reprlib
resource rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtpd<3.12 smtplib sndhdr<3.13 socket socketserver
spwd<3.13 sqlite3 sre_compile sre_constants sre_parse ssl stat statistics string stringprep struct subprocess sunau<3.13 symbol<3.10 symtable sys
sysconfig syslog tabnanny tarfile telnetlib<3.13 tempfile termios test textwrap this threading time timeit tkinter token tokenize tomllib>=3.11
trace traceback tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib uu<3.13 uuid venv warnings wave weakref webbrowser
winreg winsound wsgiref xdrlib<3.13 xml xmlrpc xxsubtype zipapp zipfile zipimport zlib zoneinfo>=3.9`

/** Packages that bring a removed module back, where they exist. */
export const restored: Readonly<Record<string, string>> = {
  aifc: 'standard-aifc',
  asynchat: 'pyasynchat',
  asyncore: 'pyasyncore',
  audioop: 'audioop-lts',
  cgi: 'legacy-cgi',
  cgitb: 'legacy-cgi',
  chunk: 'standard-chunk',
  crypt: 'standard-crypt',
  distutils: 'setuptools',
  imghdr: 'standard-imghdr',
  mailcap: 'standard-mailcap',
  nntplib: 'standard-nntplib',
  pipes: 'standard-pipes',
  smtpd: 'standard-smtpd',
  sndhdr: 'standard-sndhdr',
  telnetlib: 'standard-telnetlib',
  uu: 'standard-uu',
  xdrlib: 'standard-xdrlib',
}

/** Top-level modules of Python 2.7 that Python 3 renamed or dropped: never a package, whatever the index has under the name. */
export const python2: string = `BaseHTTPServer Bastion CGIHTTPServer ConfigParser Cookie DocXMLRPCServer HTMLParser Queue ScrolledText SimpleDialog SimpleHTTPServer
SimpleXMLRPCServer SocketServer StringIO Tix Tkinter UserDict UserList UserString __builtin__ anydbm cPickle cStringIO commands compiler cookielib
copy_reg dbhash dircache dumbdbm dummy_thread exceptions fpformat gdbm htmlentitydefs htmllib httplib ihooks imputil md5 mhlib mimetools
mimify multifile mutex new popen2 posixfile repr rexec rfc822 robotparser sets sgmllib sha statvfs stringold thread tkColorChooser
tkCommonDialog tkFileDialog tkFont tkMessageBox tkSimpleDialog ttk unichr urllib2 urlparse user whichdb xmlrpclib`
